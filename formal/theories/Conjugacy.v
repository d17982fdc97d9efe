(** * The group that symmetries generate, and how it permutes their fixed spaces *)
From Coq Require Import List Arith ZArith NArith QArith Qreals Reals Bool Lia Lra FMapPositive Permutation.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Sums ChainRule Symmetric Letters Leaves Parities Nodewise Samples Slopes Posets Lattices.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope bool_scope.

(** ** Equations theta_q = ± theta_p: what follows from them, and what they become under a generator *)
Definition move_row (e : move) : row :=
  {| r_constant := 0%Q; r_entries := [(fst e, 1%Q); (fst (snd e), if snd (snd e) then 1%Q else (-1)%Q)] |}.
Definition follow (m : model) (lz : links) (l : list move) : bool :=
  forallb (fun e => N.eqb (fst e) (fst (snd e)) && negb (snd (snd e)) || row_vanishes (fuel_of m) lz (move_row e)) l.
Definition entails (m : model) (l l' : list move) : bool := follow m (joined m [l]) l'.
Definition inverse_table (lg : list move) : PM.t (N * bool) := moves_table (map (fun e => (fst (snd e), (fst e, snd (snd e)))) lg).
Fixpoint carried (inv : PM.t (N * bool)) (l : list move) : option (list move) :=
  match l with
  | [] => Some []
  | (q, (p, t)) :: l' =>
    match get_t inv q, get_t inv p, carried inv l' with
    | Some (a, s), Some (b, u), Some r => Some ((a, (b, xorb t (xorb s u))) :: r)
    | _, _, _ => None
    end
  end.

(** ** A permutation of the fixed spaces for every generator: the r-th goes to number [p_to r] *)
Record perm := { p_to : list nat; p_from : list nat }.
Definition check_perm (m : model) (ls : list (list move)) (lg : list move) (p : perm) : bool :=
  let size := length ls in
  let inv := inverse_table lg in
  Nat.eqb (length (p_from p)) size &&
  forallb (fun r =>
    let a := nth r (p_to p) size in let b := nth r (p_from p) size in
    Nat.ltb a size && Nat.ltb b size && Nat.eqb (nth a (p_from p) size) r && Nat.eqb (nth b (p_to p) size) r
    && match nth_error ls r, nth_error ls a with
       | Some l, Some l' => match carried inv l with Some c => entails m c l' && entails m l' c | None => false end
       | _, _ => false
       end) (seq 0 size).
Definition act (p : perm) (f : list bool) : list bool := map (fun r => nth r f false) (p_from p).
(** a word acts, the last letter first *)
Fixpoint act_word (ps : list perm) (w : list N) (f : list bool) : option (list bool) :=
  match w with
  | [] => Some f
  | k :: w' => match nth_error ps (N.to_nat k), act_word ps w' f with Some p, Some f' => Some (act p f') | _, _ => None end
  end.
(** the permutation, by the numbers of the spaces (a hint: [check_perm] decides) *)
Definition find_perm (m : model) (ls : list (list move)) (keys : PM.t nat) (lg : list move) : perm :=
  let size := length ls in
  let inv := inverse_table lg in
  let to := map (fun l => match carried inv l with
    | Some c => match PM.find (key_of m (joined m [c])) keys with Some r => r | None => size end
    | None => size end) ls in
  let back := fold_left (fun t rk => PM.add (Pos.of_succ_nat (snd rk)) (fst rk) t) (combine (seq 0 size) to) (PM.empty nat) in
  {| p_to := to; p_from := map (fun r => match PM.find (Pos.of_succ_nat r) back with Some k => k | None => size end) (seq 0 size) |}.
Definition keys_of (m : model) (ls : list (list move)) : PM.t nat :=
  fold_left (fun t rl => PM.add (key_of m (joined m [snd rl])) (fst rl) t) (combine (seq 0 (length ls)) ls) (PM.empty nat).

(** ** Soundness *)
Local Open Scope R_scope.
Definition holds_moves (l : list move) (theta : vec) : Prop := forall q p t, In (q, (p, t)) l -> entry theta q = sg t * entry theta p.
Lemma follow_ok m theta lz l : links_hold theta lz -> follow m lz l = true -> holds_moves l theta.
Proof.
  intros Hl H q p t Hin. unfold follow in H. rewrite forallb_forall in H. specialize (H _ Hin). cbn [fst snd] in H. apply orb_prop in H as [H|H].
  - apply andb_prop in H as [E1 E2]. apply N.eqb_eq in E1 as ->. apply negb_true_iff in E2 as ->. cbn [sg]. ring.
  - apply (row_vanishes_ok theta _ _ _ Hl) in H. unfold row_of, rsum, move_row in H. cbn [r_entries r_constant map fold_right fst snd] in H.
    rewrite Q2R_1, Q2R_0 in H. assert (M1 : Q2R (-1) = -1) by (unfold Q2R; cbn; lra). destruct t; cbn [sg]; rewrite ?Q2R_1, ?M1 in H; lra.
Qed.
Lemma joined_holds m theta ls : (forall l, In l ls -> holds_moves l theta) -> links_hold theta (joined m ls).
Proof. intros H. unfold joined. apply all_joins_ok; [apply no_links|exact H]. Qed.
Lemma entails_ok m l l' theta : entails m l l' = true -> holds_moves l theta -> holds_moves l' theta.
Proof. intros H Hl. apply (follow_ok m theta (joined m [l])); [|exact H]. apply joined_holds. now intros l0 [<-|[]]. Qed.
Lemma inverse_table_in lg q a s : get_t (inverse_table lg) q = Some (a, s) -> In (a, (q, s)) lg.
Proof.
  intros H. unfold inverse_table in H. assert (K := moves_table_ok (map (fun e : N * (N * bool) => (fst (snd e), (fst e, snd (snd e)))) lg) q). rewrite H in K.
  apply in_map_iff in K as ([a' [q' s']] & [= -> -> ->] & K). exact K.
Qed.
Lemma carried_ok lg theta theta' : holds_moves [] theta -> (forall q p t, In (q, (p, t)) lg -> entry theta' q = sg t * entry theta p) ->
  forall l c, carried (inverse_table lg) l = Some c -> (holds_moves l theta <-> holds_moves c theta').
Proof.
  intros _ Hg. induction l as [|[q [p t]] l IH]; cbn [carried]; intros c H; [injection H as <-; split; intros _ ? ? ? []|].
  destruct (get_t (inverse_table lg) q) as [[a s]|] eqn:Eq; [|easy]. destruct (get_t (inverse_table lg) p) as [[b u]|] eqn:Ep; [|easy].
  destruct (carried _ l) as [r|] eqn:Er; [|easy]. injection H as <-. specialize (IH r eq_refl).
  apply inverse_table_in, Hg in Eq. apply inverse_table_in, Hg in Ep.
  assert (E : entry theta q = sg t * entry theta p <-> entry theta' a = sg (xorb t (xorb s u)) * entry theta' b).
  { rewrite Eq, Ep, !sg_xorb. destruct t, s, u; cbn [sg]; split; intros; lra. }
  split; intros H q' p' t' Hin.
  - destruct Hin as [[= <- <- <-]|Hin]; [apply E, H; now left|]. apply (proj1 IH); [|exact Hin]. intros ? ? ? K. apply H. now right.
  - destruct Hin as [[= <- <- <-]|Hin]; [apply E, H; now left|]. apply (proj2 IH); [|exact Hin]. intros ? ? ? K. apply H. now right.
Qed.

Lemma forall2_both {A B} (P : A -> B -> Prop) l l' : Forall2 P l l' -> forall r a b, nth_error l r = Some a -> nth_error l' r = Some b -> P a b.
Proof. induction 1 as [|x y l l' H K IH]; intros [|r] a b; cbn [nth_error]; try discriminate; [intros [= ->] [= ->]; exact H|apply IH]. Qed.

(** *** Masks: which fixed spaces contain a set *)
Section Group.
Variable m : model.
Variable gs : list generator.
Variable ls : list (list move).
Hypothesis HG : Forall2 (fun g l => forall theta theta', moves m g theta theta' <-> forall q p t, In (q, (p, t)) l ->
  entry theta' q = sg t * entry theta p) gs ls.
(** a generator is a bijection that is defined by entries below the dimension *)
Hypothesis Hbij : forall r l, nth_error ls r = Some l -> (forall theta, exists theta', forall q p t, In (q, (p, t)) l ->
  entry theta' q = sg t * entry theta p) /\
  (forall theta', exists theta, forall q p t, In (q, (p, t)) l -> entry theta' q = sg t * entry theta p) /\
  (forall q p t, In (q, (p, t)) l -> (q < dimension m)%N /\ (p < dimension m)%N).
Variable ps : list perm.
Hypothesis HP : Forall2 (fun l p => check_perm m ls l p = true) ls ps.
Variable family : nat -> N.
Hypothesis HF : forall p, In p ps -> forall r, (r < length ls)%nat -> family (nth r (p_to p) (length ls)) = family r.
Let size := length ls.

Definition fixed (r : nat) (theta : vec) : Prop := forall l, nth_error ls r = Some l -> holds_moves l theta.
Definition meet (f : list bool) (theta : vec) : Prop := forall r, nth r f false = true -> fixed r theta.
Definition exact (f : list bool) (A : vec -> Prop) : Prop :=
  length f = size /\ same A (meet f) /\ forall r, (r < size)%nat -> nth r f false = false -> exists theta, A theta /\ ~ fixed r theta.
(** a group element with its permutation, and the inverse of this *)
Definition good (h : vec -> vec -> Prop) (pi iota : nat -> nat) : Prop :=
  (forall r, (r < size)%nat -> (pi r < size)%nat /\ (iota r < size)%nat /\ pi (iota r) = r /\ iota (pi r) = r /\ family (pi r) = family r) /\
  (forall theta, exists theta', h theta theta') /\ (forall theta', exists theta, h theta theta') /\
  (forall theta theta', h theta theta' -> forall r, (r < size)%nat -> (fixed r theta <-> fixed (pi r) theta')).

Lemma size_gs : length gs = size.
Proof. exact (forall2_length _ _ _ HG). Qed.
Lemma size_ps : length ps = size.
Proof. symmetry. exact (forall2_length _ _ _ HP). Qed.
Lemma fixed_moves r g theta : nth_error gs r = Some g -> (fixed r theta <-> moves m g theta theta).
Proof.
  intros Hg. destruct (proj1 (nth_paired m gs ls HG r) (ex_intro _ g Hg)) as (l & El). rewrite (nth_moves m gs ls HG r g l Hg El). unfold fixed, holds_moves.
  split; [intros H; now apply H|]. intros H l' E. rewrite El in E. now injection E as <-.
Qed.
Lemma meet_fix f theta : meet f theta <-> all_fix m (select f gs) theta.
Proof.
  split.
  - intros H g Hg. apply in_select in Hg as (r & B & Hr). apply (fixed_moves r g theta Hr). now apply H.
  - intros H r B l El. destruct (proj2 (nth_paired m gs ls HG r) (ex_intro _ l El)) as (g & Hg).
    apply (proj2 (fixed_moves r g theta Hg)); [|exact El]. apply H. apply in_select. eauto.
Qed.
Lemma node_exact L f : node_ok m gs L f -> exact f (in_subspace L).
Proof.
  intros (E & S & U). assert (Len := size_gs). split; [congruence|]. split.
  - intros theta. rewrite meet_fix. apply S.
  - intros r Hr B. destruct (nth_error gs r) as [g|] eqn:Eg; [|apply nth_error_None in Eg; lia].
    destruct (U r g Eg B) as (theta & H1 & H2). exists theta. split; [exact H1|]. now rewrite (fixed_moves r g theta Eg).
Qed.
Lemma good_one : good (fun theta theta' => forall p, (p < dimension m)%N -> entry theta' p = entry theta p) (fun r => r) (fun r => r).
Proof.
  split; [intros r Hr; auto|]. split; [intros theta; exists theta; reflexivity|]. split; [intros theta; exists theta; reflexivity|].
  intros theta theta' H r Hr. unfold fixed, holds_moves. split; intros K l El q p t Hin; specialize (K l El q p t Hin); destruct (Hbij r l El) as (_ & _ & B);
    destruct (B q p t Hin) as [B1 B2].
  - now rewrite !H.
  - now rewrite <- !H.
Qed.
Lemma good_product h h' pi iota pi' iota' : good h pi iota -> good h' pi' iota' ->
  good (fun theta theta' => exists mid, h theta mid /\ h' mid theta') (fun r => pi' (pi r)) (fun r => iota (iota' r)).
Proof.
  intros (A1 & A2 & A3 & A4) (B1 & B2 & B3 & B4). split; [|split; [|split]].
  - intros r Hr. destruct (A1 r Hr) as (P1 & P2 & P3 & P4 & P5). destruct (B1 r Hr) as (Q1 & Q2 & Q3 & Q4 & Q5).
    destruct (B1 (pi r) P1) as (T1 & _ & _ & T4 & T5). destruct (A1 (iota' r) Q2) as (_ & W2 & W3 & _ & _). rewrite W3, T4, T5. auto.
  - intros theta. destruct (A2 theta) as (mid & H1). destruct (B2 mid) as (theta' & H2). eauto.
  - intros theta'. destruct (B3 theta') as (mid & H1). destruct (A3 mid) as (theta & H2). eauto.
  - intros theta theta' (mid & H1 & H2) r Hr. rewrite (A4 _ _ H1 r Hr). apply (B4 _ _ H2). now apply A1.
Qed.
Lemma good_inverse h pi iota : good h pi iota -> good (fun theta theta' => h theta' theta) iota pi.
Proof.
  intros (A1 & A2 & A3 & A4). split; [|split; [exact A3|split; [exact A2|]]].
  - intros r Hr. destruct (A1 r Hr) as (P1 & P2 & P3 & P4 & P5). destruct (A1 (iota r) P2) as (_ & _ & _ & _ & F). rewrite P3 in F. auto.
  - intros theta theta' H r Hr. destruct (A1 r Hr) as (P1 & P2 & P3 & P4 & _). rewrite (A4 _ _ H (iota r) P2), P3. reflexivity.
Qed.
Lemma good_generator r g p : nth_error gs r = Some g -> nth_error ps r = Some p ->
  good (moves m g) (fun k => nth k (p_to p) size) (fun k => nth k (p_from p) size).
Proof.
  intros Hg Hp. destruct (proj1 (nth_paired m gs ls HG r) (ex_intro _ g Hg)) as (lg & El). assert (Mv := nth_moves m gs ls HG r g lg Hg El).
  assert (C : check_perm m ls lg p = true).
  { exact (forall2_both _ _ _ HP r lg p El Hp). }
  unfold check_perm in C. cbv zeta in C. apply andb_prop in C as [_ C]. rewrite forallb_forall in C. fold size in C.
  assert (C' : forall k, (k < size)%nat -> (nth k (p_to p) size < size)%nat /\ (nth k (p_from p) size < size)%nat /\
    nth (nth k (p_to p) size) (p_from p) size = k /\ nth (nth k (p_from p) size) (p_to p) size = k /\
    exists l l' c, nth_error ls k = Some l /\ nth_error ls (nth k (p_to p) size) = Some l' /\ carried (inverse_table lg) l = Some c /\
      entails m c l' = true /\ entails m l' c = true).
  { intros k Hk. specialize (C k). assert (Hin : In k (seq 0 size)) by (apply in_seq; lia). specialize (C Hin). cbv zeta in C.
    apply andb_prop in C as [[[[C1 C2]%andb_prop C3]%andb_prop C4]%andb_prop C5]. apply Nat.ltb_lt in C1, C2. apply Nat.eqb_eq in C3, C4.
    destruct (nth_error ls k) as [l|]; [|easy]. destruct (nth_error ls (nth k (p_to p) size)) as [l'|] eqn:E'; [|easy].
    destruct (carried (inverse_table lg) l) as [c|] eqn:Ec; [|easy]. apply andb_prop in C5 as [C5 C6]. repeat (split; [assumption|]). exists l, l', c. auto. }
  destruct (Hbij r lg El) as (B1 & B2 & _). split; [|split; [|split]].
  - intros k Hk. destruct (C' k Hk) as (P1 & P2 & P3 & P4 & _). repeat (split; [assumption|]). apply (HF p); [now apply nth_error_In in Hp|exact Hk].
  - intros theta. destruct (B1 theta) as (theta' & H). exists theta'. now apply Mv.
  - intros theta'. destruct (B2 theta') as (theta & H). exists theta. now apply Mv.
  - intros theta theta' H k Hk. destruct (C' k Hk) as (_ & _ & _ & _ & l & l' & c & E1 & E2 & E3 & E4 & E5).
    assert (K := carried_ok lg theta theta' (fun _ _ _ F => match F with end) (proj1 (Mv theta theta') H) l c E3). unfold fixed. split.
    + intros F l0 E0. rewrite E2 in E0. injection E0 as <-. apply (entails_ok m c l' theta' E4), K. now apply F.
    + intros F l0 E0. rewrite E1 in E0. injection E0 as <-. apply K. apply (entails_ok m l' c theta' E5). now apply F.
Qed.
Theorem group_good h : group m gs h -> exists pi iota, good h pi iota.
Proof.
  induction 1 as [|g Hg|h h' _ (pi & iota & G1) _ (pi' & iota' & G2)|h _ (pi & iota & G)].
  - eexists _, _. apply good_one.
  - destruct (In_nth_error gs g Hg) as (r & Hr). assert (Len := size_gs). assert (Len' := size_ps).
    destruct (nth_error ps r) as [p|] eqn:Ep.
    + eexists _, _. exact (good_generator r g p Hr Ep).
    + apply nth_error_None in Ep. assert (r < length gs)%nat by (apply nth_error_Some; congruence). lia.
  - eexists _, _. apply (good_product h h' _ _ _ _ G1 G2).
  - eexists _, _. apply (good_inverse h _ _ G).
Qed.

(** images of intersections are intersections, by masks *)
Definition moved (iota : nat -> nat) (f : list bool) : list bool := map (fun r => nth (iota r) f false) (seq 0 size).
Lemma nth_moved iota f r : (r < size)%nat -> nth r (moved iota f) false = nth (iota r) f false.
Proof.
  intros Hr. unfold moved. rewrite (nth_indep _ false (nth (iota 0%nat) f false)) by (rewrite map_length, seq_length; exact Hr).
  rewrite (map_nth (fun r => nth (iota r) f false)). rewrite seq_nth by exact Hr. reflexivity.
Qed.
Lemma nth_beyond (f : list bool) r : length f = size -> nth r f false = true -> (r < size)%nat.
Proof. intros E B. destruct (Nat.lt_ge_cases r size) as [|K]; [assumption|]. rewrite nth_overflow in B by lia. discriminate. Qed.
Lemma moved_length iota f : length (moved iota f) = size.
Proof. unfold moved. now rewrite map_length, seq_length. Qed.
Lemma meet_moved h pi iota f theta theta' : length f = size -> good h pi iota -> h theta theta' -> (meet f theta <-> meet (moved iota f) theta').
Proof.
  intros Len (A1 & _ & _ & A4) H. split; intros K r B.
  - assert (Hr := nth_beyond _ r (moved_length iota f) B). rewrite nth_moved in B by exact Hr. destruct (A1 r Hr) as (_ & P2 & P3 & _).
    rewrite <- P3. apply (A4 _ _ H (iota r) P2). now apply K.
  - assert (Hr := nth_beyond f r Len B). destruct (A1 r Hr) as (P1 & _ & _ & P4 & _). apply (A4 _ _ H r Hr). apply K. now rewrite nth_moved, P4.
Qed.
Lemma exact_image h pi iota f A : good h pi iota -> exact f A -> exact (moved iota f) (translate h A).
Proof.
  intros G (Len & S & U). split; [apply moved_length|]. assert (G' := G). destruct G' as (A1 & A2 & A3 & A4). split.
  - intros theta'. split.
    + intros (theta & HA & H). apply (meet_moved h pi iota f theta theta' Len G H). now apply S.
    + intros K. destruct (A3 theta') as (theta & H). exists theta. split; [|exact H]. apply S. now apply (meet_moved h pi iota f theta theta' Len G H).
  - intros r Hr B. rewrite nth_moved in B by exact Hr. destruct (A1 r Hr) as (_ & P2 & P3 & _). destruct (U _ P2 B) as (theta & H1 & H2).
    destruct (A2 theta) as (theta' & H). exists theta'. split; [now exists theta|]. intros K. apply H2. apply (A4 _ _ H _ P2). now rewrite P3.
Qed.
Lemma exact_implied f A f' A' : exact f A -> exact f' A' -> (forall theta, A theta -> A' theta) -> implied f' f = true.
Proof.
  intros (Len & S & U) (Len' & S' & U') H. destruct (implied f' f) eqn:I; [reflexivity|]. destruct (implied_false f' f ltac:(congruence) I) as (r & B & B').
  destruct (U r (nth_beyond f' r Len' B) B') as (theta & H1 & H2). exfalso. apply H2. now apply (proj1 (S' theta) (H theta H1)).
Qed.
Lemma exact_unique f A f' A' : exact f A -> exact f' A' -> same A A' -> forall r, nth r f false = nth r f' false.
Proof.
  intros E E' H r. assert (I1 := exact_implied _ _ _ _ E E' (fun theta => proj1 (H theta))). assert (I2 := exact_implied _ _ _ _ E' E (fun theta => proj2 (H
    theta))).
  destruct (nth r f false) eqn:B; [symmetry; now apply (implied_ok f f')|]. destruct (nth r f' false) eqn:B'; [|reflexivity].
    apply (implied_ok f' f I1) in B'. congruence.
Qed.
Lemma meet_ext f f' theta : (forall r, nth r f false = nth r f' false) -> meet f theta <-> meet f' theta.
Proof. intros H. unfold meet. split; intros K r B; apply K; [now rewrite H|now rewrite <- H]. Qed.

(** words *)
Lemma act_word_ok w : forall f f' A, act_word ps w f = Some f' -> exact f A -> exists h, group m gs h /\ exact f' (translate h A).
Proof.
  induction w as [|k w IH]; cbn [act_word]; intros f f' A H E.
  - injection H as <-. exists (fun theta theta' => forall p, (p < dimension m)%N -> entry theta' p = entry theta p). split; [constructor|].
    destruct E as (Len & S & U). assert (K := exact_image _ _ _ f A good_one (conj Len (conj S U))). destruct K as (K1 & K2 & K3). split; [exact Len|].
    assert (Same : forall r, nth r (moved (fun r => r) f) false = nth r f false).
    { intros r. destruct (Nat.lt_ge_cases r size) as [Hr|Hr]; [now rewrite nth_moved|]. rewrite !nth_overflow; [reflexivity|lia|rewrite moved_length; lia]. }
    split; [intros theta; rewrite (K2 theta); now apply meet_ext|]. intros r Hr B. apply K3; [exact Hr|]. now rewrite Same.
  - destruct (nth_error ps (N.to_nat k)) as [p|] eqn:Ep; [|easy]. destruct (act_word ps w f) as [f1|] eqn:Ew; [|easy]. injection H as <-.
    destruct (IH f f1 A Ew E) as (h & Hh & E1). assert (Len := size_gs). assert (Len' := size_ps).
    destruct (nth_error gs (N.to_nat k)) as [g|] eqn:Eg.
    2:{ apply nth_error_None in Eg. assert (N.to_nat k < length ps)%nat by (apply nth_error_Some; congruence). lia. }
    exists (fun theta theta' => exists mid, h theta mid /\ moves m g mid theta'). split; [constructor; [exact Hh|]; constructor; now apply nth_error_In in Eg|].
    assert (G := good_generator _ g p Eg Ep). assert (K := exact_image _ _ _ f1 _ G E1).
    assert (Eact : act p f1 = moved (fun k => nth k (p_from p) size) f1).
    { unfold act, moved. assert (LF : length (p_from p) = size).
      { destruct (nth_error ls (N.to_nat k)) as [lg|] eqn:El.
        - assert (C := forall2_both _ _ _ HP _ lg p El Ep). unfold check_perm in C. cbv zeta in C. apply andb_prop in C as [C _]. now apply Nat.eqb_eq in C.
        - apply nth_error_None in El. assert (N.to_nat k < length ps)%nat by (apply nth_error_Some; congruence). fold size in El. lia. }
      apply (nth_ext _ _ false false); [now rewrite !map_length, seq_length|]. rewrite map_length, LF. intros r Hr.
      rewrite (nth_indep _ false (nth size f1 false)) by (rewrite map_length; lia). rewrite (map_nth (fun r => nth r f1 false)).
      symmetry. exact (nth_moved (fun k => nth k (p_from p) size) f1 r Hr). }
    rewrite Eact. destruct K as (K1 & K2 & K3). split; [exact K1|]. split.
    + intros theta'. rewrite <- (K2 theta'). split.
      * intros (theta & HA & mid & H1 & H2). exists mid. split; [|exact H2]. now exists theta.
      * intros (mid & (theta & HA & H1) & H2). exists theta. split; [exact HA|]. now exists mid.
    + intros r Hr B. destruct (K3 r Hr B) as (theta' & (mid & (theta & HA & H1) & H2) & N). exists theta'. split; [|exact N]. exists theta.
      split; [exact HA|]. now exists mid.
Qed.
End Group.

(** ** A generator is a bijection *)
Lemma moves_bijective m known g e tab : check_moving m known g e = Some tab ->
  (forall theta, exists theta', forall q p t, In (q, (p, t)) (leaf_moves m tab) -> entry theta' q = sg t * entry theta p) /\
  (forall theta', exists theta, forall q p t, In (q, (p, t)) (leaf_moves m tab) -> entry theta' q = sg t * entry theta p) /\
  (forall q p t, In (q, (p, t)) (leaf_moves m tab) -> (q < dimension m)%N /\ (p < dimension m)%N).
Proof.
  intros H. assert (MI := moves_iff_list m known g e tab H). destruct (leaves m known g e tab H) as (L1 & L2 & L3 & _ & _).
  apply permutation_ok_spec in L1, L3. rewrite map_length, L2 in L1, L3.
  assert (ND : NoDup (map (fun e : N * (N * bool) => fst (snd e)) (leaf_moves m tab))) by (eapply Permutation_NoDup; [symmetry; exact L3|apply upto_nodup]).
  split; [|split].
  - intros theta. exists (Symmetric.act m tab theta). apply MI. exact (act_moves m known g e tab H theta).
  - intros theta'. set (inv := inverse_table (leaf_moves m tab)).
    exists (fun i => match PM.find i inv with Some (q, s) => sg s * entry theta' q | None => 0 end). intros q p t Hin. unfold entry at 2.
    destruct (PM.find (N.succ_pos p) inv) as [[q' s]|] eqn:E.
    + assert (K := inverse_table_in (leaf_moves m tab) p q' s E).
      assert (X := unique_by (fun e : N * (N * bool) => fst (snd e)) _ ND _ _ K Hin eq_refl). injection X as -> ->. rewrite <- Rmult_assoc, sg_sg. ring.
    + exfalso. assert (K := moves_table_ok (map (fun e : N * (N * bool) => (fst (snd e), (fst e, snd (snd e)))) (leaf_moves m tab)) p). unfold get_t in K.
      change (moves_table (map (fun e : N * (N * bool) => (fst (snd e), (fst e, snd (snd e)))) (leaf_moves m tab))) with inv in K. rewrite E in K. apply K.
      apply in_map_iff. exists (p, (q, t)). split; [reflexivity|]. apply in_map_iff. now exists (q, (p, t)).
  - intros q p t Hin. split; apply in_upto.
    + eapply Permutation_in; [exact L1|]. exact (in_map fst _ _ Hin).
    + eapply Permutation_in; [exact L3|]. exact (in_map (fun e => fst (snd e)) _ _ Hin).
Qed.
