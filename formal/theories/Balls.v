(** * Lower bounds for the Lie rank by interval arithmetic

    The words are computed with enclosures of real numbers, so that named functions may have any arguments. [check_balls_sound]: if elimination with
    pivots whose enclosures exclude 0 finds one in every row, then Lie(V) at the point has at least as many independent values as there are words. *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool FMapPositive.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Linear Expr Slp Checks Flow Lie Jets Words Gradient Dimension ModP.
From SimCert Require Duals TaylorSums Enclosure.
From SimCert Require Import Intervals.
Import ListNotations.
Local Open Scope R_scope.

Section Balls.
Context {rd : rounding}.
(** ** Enclosures, where there are *)
Definition ball : Type := option interval.
Definition encloses (r : R) (b : ball) : Prop := match b with Some i => within r i | None => True end.
Definition lift2 (f : interval -> interval -> interval) (a b : ball) : ball := match a, b with Some x, Some y => Some (f x y) | _, _ => None end.
Definition b_add : ball -> ball -> ball := lift2 i_add.
Definition b_mul : ball -> ball -> ball := lift2 i_mul.
Definition b_opp (a : ball) : ball := match a with Some x => Some (i_opp x) | None => None end.
Definition b_q (q : Q) : ball := Some (i_q q).
Lemma b_add_ok r s a b : encloses r a -> encloses s b -> encloses (r + s) (b_add a b).
Proof. destruct a, b; cbn; auto. apply i_add_ok. Qed.
Lemma b_mul_ok r s a b : encloses r a -> encloses s b -> encloses (r * s) (b_mul a b).
Proof. destruct a, b; cbn; auto. apply i_mul_ok. Qed.
Lemma b_opp_ok r a : encloses r a -> encloses (- r) (b_opp a).
Proof. destruct a; cbn; auto. apply i_opp_ok. Qed.
Lemma b_q_ok q : encloses (Q2R q) (b_q q).
Proof. apply i_q_ok. Qed.
Lemma b_int_ok n : encloses (IZR n) (b_q (inject_Z n)).
Proof. replace (IZR n) with (Q2R (inject_Z n)); [apply b_q_ok|]. unfold Q2R, inject_Z. cbn. lra. Qed.

(** ** Derivatives of named functions *)
Definition base_term (v : positive) : option Enclosure.term :=
  match v with
  | 1 => Some Enclosure.Z_ | 2 => Some (Enclosure.value_term Duals.Exp) | 3 => Some (Enclosure.value_term Duals.Tanh) | 4 => Some (Enclosure.value_term Duals.Sigmoid)
  | 5 => Some (Enclosure.value_term Duals.Gaussian) | 6 => Some (Enclosure.value_term Duals.Sinh) | 7 => Some (Enclosure.value_term Duals.Cosh)
  | 8 => Some (Enclosure.value_term Duals.Sin) | 9 => Some (Enclosure.value_term Duals.Cos) | 10 => Some (Enclosure.slope_term Duals.Arctan)
  | 11 => Some (Enclosure.value_term Duals.Logcosh) | 12 => Some (Enclosure.value_term Duals.Softplus) | 13 => Some (Enclosure.value_term Duals.Arctan) | _ => None
  end%positive.
Lemma base_term_ok v t z : base_term v = Some t -> Enclosure.t_r z t = base z v.
Proof.
  intros E. assert (C : (v = 1 \/ v = 2 \/ v = 3 \/ v = 4 \/ v = 5 \/ v = 6 \/ v = 7 \/ v = 8 \/ v = 9 \/ v = 10 \/ v = 11 \/ v = 12 \/ v = 13)%positive)
    by (destruct v as [[[[v|v|]|[v|v|]|]|[[v|v|]|[v|v|]|]|]|[[[v|v|]|[v|v|]|]|[[v|v|]|[v|v|]|]|]|]; try discriminate E; auto 20).
  destruct C as [->|[->|[->|[->|[->|[->|[->|[->|[->|[->|[->|[->| ->]]]]]]]]]]]]; apply TaylorSums.Some_injective in E; subst t; try reflexivity;
    rewrite <- Enclosure.value_term_ok; reflexivity.
Qed.
Definition base_ball (v : positive) (a : ball) : ball := match base_term v, a with Some t, Some i => Enclosure.t_i [] i t | _, _ => None end.
Lemma base_ball_ok v r a : encloses r a -> encloses (base r v) (base_ball v a).
Proof.
  unfold base_ball. destruct (base_term v) as [t|] eqn:E; [|easy]. destruct a as [i|]; [|easy]. intros H. destruct (Enclosure.t_i [] i t) as [y|] eqn:T; [|easy].
  rewrite <- (base_term_ok v t r E). apply (Enclosure.t_ok r i [] H); [intros u w []|exact T].
Qed.
Definition ball_poly (z : positive -> ball) (P : zpoly) : ball :=
  fold_right (fun t a => b_add (b_mul (b_q (inject_Z (snd t))) (fold_right (fun v b => b_mul (z v) b) (b_q 1) (fst t))) a) (b_q 0) P.
Lemma ball_poly_ok r z P : (forall v, encloses (r v) (z v)) -> encloses (zeval r P) (ball_poly z P).
Proof.
  intros H. unfold zeval, ball_poly. induction P as [|[m c] P IH]; cbn [fold_right fst snd]; [exact (b_int_ok 0)|].
  apply b_add_ok; [|exact IH]. apply b_mul_ok; [apply b_int_ok|]. unfold zm. clear IH. induction m as [|v m IH]; cbn [fold_right]; [exact (b_int_ok 1)|]. now apply b_mul_ok.
Qed.
(** the first [depth] derivatives of f at a number *)
Definition jets_ball (depth : nat) (f : fn) (a : ball) : nat -> ball :=
  let table := map (fun v => (v, base_ball v a)) (needed f) in
  let z := fun v => match assoc v table with Some b => b | None => b_q 0 end in
  let cache := map (ball_poly z) (jet_polys f (start f) depth) in
  fun n => match nth_error cache n with Some b => b | None => None end.
Lemma assoc_map {A} (g : positive -> A) l v : assoc v (map (fun v => (v, g v)) l) = if existsb (Pos.eqb v) l then Some (g v) else None.
Proof. induction l as [|w l IH]; cbn [map assoc existsb]; [reflexivity|]. destruct (Pos.eqb_spec v w) as [->|]; [reflexivity|exact IH]. Qed.
Lemma jets_ball_ok depth f r a : encloses r a -> jets_at encloses f r (jets_ball depth f a).
Proof.
  intros H n. unfold jets_ball. cbv zeta. rewrite nth_error_map. change (start f) with (jetP f 0). rewrite jet_polys_ok.
  destruct (Nat.ltb n depth); cbn [option_map]; [|exact I]. rewrite Nat.add_0_r. unfold jetR. apply ball_poly_ok. intros v. rewrite assoc_map.
  unfold basef, needs. destruct (existsb (Pos.eqb v) (needed f)); [now apply base_ball_ok|exact (b_int_ok 0)].
Qed.

(** ** The number system; [opsF] computes the functions, [opsB] looks them up *)
Definition opsB : ops ball ball := {| oz := b_q 0; oadd := b_add; omul := b_mul; oneg := b_opp; ocst := fun c => c; ofun := fun _ js n _ => js n |}.
Definition opsF : ops ball ball := {| oz := b_q 0; oadd := b_add; omul := b_mul; oneg := b_opp; ocst := fun c => c; ofun := fun f _ n a => jets_ball (S n) f a n |}.
Lemma opsB_rel : orel encloses (jets_of encloses (fun a => a)) encloses opsR opsB.
Proof. split; cbn; auto using b_add_ok, b_mul_ok, b_opp_ok. exact (b_int_ok 0). Qed.
Lemma opsF_rel : orel encloses (fun _ _ _ _ => True) encloses opsR opsF.
Proof. split; cbn; auto using b_add_ok, b_mul_ok, b_opp_ok; [exact (b_int_ok 0)|]. intros f _ _ n a b _ H. exact (jets_ball_ok (S n) f a b H n). Qed.

(** ** Fields *)
Fixpoint ball_table (depth : nat) (V : PM.t ball) (next : positive) (P : list (gnode ball)) : option (PM.t (nat -> ball)) :=
  match P with
  | [] => Some (PM.empty _)
  | n :: P' =>
    match ball_table depth V (Pos.succ next) P', n with
    | Some t, GF f a => if Pos.ltb a next then Some (PM.add next (jets_ball depth f (getA opsF V a)) t) else None
    | o, _ => o
    end
  end.
Definition no_jets (_ : positive) (_ : nat) : ball := None.
Definition no_field : gfield ball := {| gf_cov := []; gf_x := PM.empty ball; gf_j := no_jets |}.
Definition ball_field (m : model) (mem : member) (depth : nat) (th : qvec) (F : qfield) : option (gfield ball) :=
  let P := map (gconv b_q mem) (m_prog m) in
  let V := fwd opsF (point_of opsF b_q (m_nparams m) th) (xmap b_q (qf_x F)) no_jets 1 P (PM.empty _) in
  match ball_table depth V 1 P with
  | Some t => Some (field_of b_q (fun k => match PM.find k t with Some js => js | None => fun _ => None end) F)
  | None => None
  end.
Lemma ball_table_ok depth V VR : (forall a, encloses (getA opsR VR a) (getA opsF V a)) -> forall P next t, ball_table depth V next P = Some t ->
  at_functions (fun k f a => (a < k)%positive /\ jets_at encloses f (getA opsR VR a) (match PM.find k t with Some js => js | None => fun _ => None end)) next P /\
  forall k, (k < next)%positive -> PM.find k t = None.
Proof.
  intros W. induction P as [|n P IH]; intros next t; cbn [ball_table at_functions]; [intros [= <-]; split; [easy|]; intros; apply PM.gempty|].
  destruct (ball_table depth V (Pos.succ next) P) as [t'|] eqn:Et; [|destruct n; easy]. destruct (IH _ _ Et) as [A B]. clear IH Et.
  destruct n as [c|i|j|l|a b|cs ds a|f a]; try (intros [= <-]; split; [split; [easy|exact A]|]; intros k Hk; apply B; lia).
  destruct (Pos.ltb_spec a next) as [L|L]; [|easy]. intros [= <-]. split; [split|].
  - split; [exact L|]. rewrite PM.gss. apply jets_ball_ok, W.
  - assert (G : forall (Q0 : list (gnode ball)) k, (next < k)%positive ->
        at_functions (fun k f a => (a < k)%positive /\ jets_at encloses f (getA opsR VR a) (match PM.find k t' with Some js => js | None => fun _ => None end)) k Q0 ->
        at_functions (fun k f0 a0 => (a0 < k)%positive /\ jets_at encloses f0 (getA opsR VR a0)
          (match PM.find k (PM.add next (jets_ball depth f (getA opsF V a)) t') with Some js => js | None => fun _ => None end)) k Q0).
    { clear. induction Q0 as [|n Q0 IH]; intros k Hk; cbn [at_functions]; [easy|]. intros [X Y]. split; [|apply IH; [lia|exact Y]].
      destruct n; auto. rewrite PM.gso by lia. exact X. }
    apply G; [lia|exact A].
  - intros k Hk. rewrite PM.gso by lia. apply B. lia.
Qed.
Lemma at_functions_conv {C D} Q0 mem (g : Q -> C) (h : Q -> D) prog : forall k, @at_functions C Q0 k (map (gconv g mem) prog) -> @at_functions D Q0 k (map (gconv h mem) prog).
Proof.
  induction prog as [|n prog IH]; intros k; cbn [map at_functions]; [easy|]. intros [A B]. split; [|now apply IH].
  destruct n as [q|i|j|l|a b|v a]; cbn [gconv] in *; auto. destruct (assoc v mem) as [[cs|f]|]; auto.
Qed.
Lemma ball_field_ok m mem depth th F g : ball_field m mem depth th F = Some g ->
  frel encloses (real_field F) g /\ jets_ok encloses (map (gconv Q2R mem) (m_prog m)) (point_of opsR Q2R (m_nparams m) th) (real_field F) g.
Proof.
  unfold ball_field. cbv zeta. set (V := fwd opsF _ _ _ _ _ _). set (VR := fwd opsR (point_of opsR Q2R (m_nparams m) th) (gf_x (real_field F)) (gf_j (real_field F)) 1
    (map (gconv Q2R mem) (m_prog m)) (PM.empty R)).
  destruct (ball_table depth V 1 _) as [t|] eqn:Et; [|easy]. intros [= <-]. split.
  - split; [|apply xmap_rel; intros; apply b_q_ok]. unfold real_field, field_of; cbn [gf_cov]. induction (qf_cov F) as [|[o c] l IH]; cbn; constructor; [split; [easy|apply b_q_ok]|exact IH].
  - assert (W : forall a, encloses (getA opsR VR a) (getA opsF V a)).
    { apply (fwd_rel _ _ _ _ _ opsF_rel).
      - apply (point_rel _ _ _ _ _ _ _ opsF_rel). intros; apply b_q_ok.
      - apply xmap_rel. intros; apply b_q_ok.
      - apply gconv_all. apply b_q_ok.
      - apply (mrel_wrel _ _ _ _ _ opsF_rel), mrel_empty.
      - apply (fits_all (fun _ _ _ _ => True) opsR _ (real_field F) (field_of b_q no_jets F) _). auto. }
    destruct (ball_table_ok depth V VR W _ _ _ Et) as [A _]. unfold jets_ok. cbn [field_of gf_j]. exact (at_functions_conv _ mem b_q Q2R _ _ A).
Qed.

(** ** Elimination *)
Definition b_inverse (a : ball) : ball :=
  match a with
  | Some x => match i_inv x with Some y => Some y | None => match i_inv (i_opp x) with Some y => Some (i_opp y) | None => None end end
  | None => None end.
Lemma b_inverse_ok r a y : encloses r a -> b_inverse a = Some y -> r <> 0 /\ within (/ r) y.
Proof.
  destruct a as [x|]; [|easy]. cbn. intros H. destruct (i_inv x) as [z|] eqn:E.
  - intros [= <-]. destruct (i_inv_ok _ _ _ H E). split; [lra|assumption].
  - destruct (i_inv (i_opp x)) as [z|] eqn:E2; [|easy]. intros [= <-]. destruct (i_inv_ok _ _ _ (i_opp_ok _ _ H) E2) as [P W].
    split; [lra|]. replace (/ r) with (- / - r) by (field; lra). now apply i_opp_ok.
Qed.
(** the column whose entry has the smallest inverse, and that inverse *)
Definition smaller (u : interval) (best : option (nat * interval)) : bool :=
  match best with Some (_, v) => Z.ltb (TaylorSums.size_q (fst u)) (TaylorSums.size_q (fst v)) | None => true end.
Fixpoint find_regular (k : nat) (row : list ball) (best : option (nat * interval)) : option (nat * interval) :=
  match row with
  | [] => best
  | a :: row' => find_regular (S k) row' (match b_inverse a with Some u => if smaller u best then Some (k, u) else best | None => best end)
  end.
Fixpoint row_minus (t : ball) (w r : list ball) : list ball :=
  match w, r with a :: w', b :: r' => b_add a (b_opp (b_mul t b)) :: row_minus t w' r' | _, _ => [] end.
Fixpoint regular (n : nat) (rows : list (list ball)) : bool :=
  match rows with
  | [] => true
  | r :: rows' =>
    match n, find_regular 0 r None with
    | S n', Some (c, u) => regular n' (map (fun w => row_minus (b_mul (nth c w None) (Some u)) w r) rows')
    | _, _ => false
    end
  end.
Definition row_encloses (cs : list positive) (w : vec) (row : list ball) : Prop := Forall2 (fun c b => encloses (w c) b) cs row.
Lemma find_regular_ok row : forall k best c u, find_regular k row best = Some (c, u) ->
  best = Some (c, u) \/ ((k <= c)%nat /\ exists a, nth_error row (c - k) = Some a /\ b_inverse a = Some u).
Proof.
  induction row as [|a row IH]; cbn [find_regular]; intros k best c u H; [now left|]. destruct (IH _ _ _ _ H) as [E|(L & b & Eb & Ev)].
  - destruct (b_inverse a) as [v|] eqn:Ea; [|now left]. destruct (smaller v best); [|now left]. injection E as <- <-. right. split; [lia|]. exists a. now rewrite Nat.sub_diag.
  - right. split; [lia|]. exists b. split; [|exact Ev]. replace (c - k)%nat with (S (c - S k)) by lia. exact Eb.
Qed.
Lemma row_nth cs w row k c : row_encloses cs w row -> nth_error cs k = Some c -> encloses (w c) (nth k row None).
Proof. intros H. revert k; induction H as [|c' b cs row Hc _ IH]; intros [|k] E; try easy; [now injection E as ->|now apply IH]. Qed.
Lemma row_minus_ok cs w r row row' t b : row_encloses cs w row -> row_encloses cs r row' -> encloses t b -> row_encloses cs (fun k => w k - t * r k) (row_minus b row row').
Proof.
  intros H. revert row'; induction H as [|c a cs row Hc H IH]; intros row' K Ht; inversion K; subst; cbn; constructor; [|now apply IH].
  unfold Rminus. apply b_add_ok; [exact Hc|]. apply b_opp_ok. now apply b_mul_ok.
Qed.
Theorem regular_sound cs n : forall rows ws, Forall2 (row_encloses cs) ws rows -> regular n rows = true -> Rlindep cs ws.
Proof.
  induction n as [|n IH]; intros rows ws F H.
  - destruct rows as [|r rows]; [|easy]. inversion F; subst. intros [|] L _; [constructor|easy].
  - destruct rows as [|r rows]; [inversion F; subst; intros [|] L _; [constructor|easy]|].
    inversion F as [|w ? ws' ? Hw Hr]; subst. cbn [regular] in H. destruct (find_regular 0 r None) as [[c u]|] eqn:Ef; [|easy].
    apply find_regular_ok in Ef as [Ef|(_ & a & En & Hu)]; [discriminate Ef|]. rewrite Nat.sub_0_r in En.
    assert (Ek : exists k, nth_error cs c = Some k).
    { destruct (nth_error cs c) as [k|] eqn:E; [now exists k|]. apply nth_error_None in E. assert (c < length r)%nat by (apply nth_error_Some; congruence).
      unfold row_encloses in Hw. assert (X : length cs = length r) by (clear -Hw; induction Hw; cbn; congruence). lia. }
    destruct Ek as (k & Ek). assert (Hk := row_nth cs w r c k Hw Ek). rewrite (nth_error_nth _ _ _ En) in Hk. destruct (b_inverse_ok _ _ _ Hk Hu) as [Nz Hi].
    apply (lindep_elim cs w k); [now apply nth_error_In in Ek|exact Nz|]. apply (IH _ _) with (2 := H). clear H IH F.
    induction Hr as [|v row ws' rows Hv Hr IHr]; cbn [map]; constructor; [|exact IHr].
    apply (row_minus_ok cs v w row r (v k * / w k)); [exact Hv|exact Hw|]. apply b_mul_ok; [now apply (row_nth cs)|exact Hi].
Qed.

(** ** The check *)
Definition ball_row (m : model) (P : list (gnode ball)) (TH : PM.t ball) (gs : list (gfield ball)) (cols : list positive) (w : list nat) : list ball :=
  let v := wordvec (m_nparams m) P (map (fun k => nth k gs no_field) w) opsB TH in map (getA opsB v) cols.
Fixpoint all_fields m mem depth th (l : list qfield) : option (list (gfield ball)) :=
  match l with
  | [] => Some []
  | F :: l' => match ball_field m mem depth th F, all_fields m mem depth th l' with Some g, Some gs => Some (g :: gs) | _, _ => None end
  end.
Definition check_balls (m : model) (mem : member) (th : qvec) (fields : list qfield) (words : list (list nat)) (cols : list positive) : bool :=
  wf_model m && forallb (has_member mem) (m_prog m) && forallb (qfield_shape m) fields && forallb (word_ok fields) words && forallb (fun c => Pos.leb c (m_nparams m)) cols &&
  match all_fields m mem (depth_of words) th fields with
  | Some gs => regular (length words) (map (ball_row m (map (gconv b_q mem) (m_prog m)) (point_of opsB b_q (m_nparams m) th) gs cols) words)
  | None => false
  end.
Theorem check_balls_sound m mem th fields words cols : check_balls m mem th fields words cols = true ->
  forall s, act_derivable s -> poly_acts s mem -> lie_ge m s (qv th) (length words).
Proof.
  unfold check_balls. intros H s Hd Hm. apply andb_prop in H as [[[[[W HM]%andb_prop HF]%andb_prop HW]%andb_prop HC]%andb_prop H].
  destruct (all_fields m mem (depth_of words) th fields) as [gs|] eqn:Eg; [|easy]. rewrite forallb_forall in HF, HW, HC.
  assert (Fit : forall k, (k < length fields)%nat -> frel encloses (real_field (nth k fields dfield)) (nth k gs no_field) /\
    jets_ok encloses (map (gconv Q2R mem) (m_prog m)) (point_of opsR Q2R (m_nparams m) th) (real_field (nth k fields dfield)) (nth k gs no_field)).
  { clear -Eg. revert gs Eg. generalize (depth_of words). intros depth. induction fields as [|F l IH]; intros gs Eg k Hk; [cbn in Hk; lia|]. cbn [all_fields] in Eg.
    destruct (ball_field m mem depth th F) as [g|] eqn:E1; [|easy]. destruct (all_fields m mem depth th l) as [gs'|]; [|easy]. injection Eg as <-.
    destruct k as [|k]; cbn [nth]; [now apply (ball_field_ok m mem depth th)|]. apply (IH _ eq_refl). cbn in Hk. lia. }
  assert (Nth : forall w, In w words -> forall k, In k w -> (k < length fields)%nat).
  { intros w Hw k Hk. specialize (HW w Hw). unfold word_ok in HW. destruct w as [|a w]; [easy|]. rewrite forallb_forall in HW. now apply Nat.ltb_lt, HW. }
  exists (map (fun w => pfield (wfield m mem fields w)) words). split; [now rewrite map_length|]. split.
  - intros V HV. apply in_map_iff in HV as (w & <- & Hw). apply (word_lie m s mem); auto.
    + specialize (HW w Hw). now destruct w.
    + apply Forall_forall. intros F HFi. unfold word_of in HFi. apply in_map_iff in HFi as (k & <- & Hk). apply field_shape_ok, HF, nth_In, (Nth w Hw k Hk).
  - rewrite map_map. apply (lindep_incl R 0 Rplus Rmult cols); [intros c Hc; apply plist_in; now apply Pos.leb_le, HC|].
    apply (regular_sound cols) with (2 := H). clear H.
    assert (G : forall w, In w words -> row_encloses cols (pfield (wfield m mem fields w) (qv th))
      (ball_row m (map (gconv b_q mem) (m_prog m)) (point_of opsB b_q (m_nparams m) th) gs cols w)).
    { intros w Hw. set (PR := map (gconv Q2R mem) (m_prog m)). set (TR := point_of opsR Q2R (m_nparams m) th).
      assert (K := wordvec_rel encloses (m_nparams m) PR (map (gconv b_q mem) (m_prog m)) (word_of fields w)
        (map (fun k => nth k gs no_field) w) TR (point_low m th)).
      assert (K1 : mrel encloses (wordvec (m_nparams m) PR (word_of fields w) opsR TR)
        (wordvec (m_nparams m) (map (gconv b_q mem) (m_prog m)) (map (fun k => nth k gs no_field) w) opsB
           (point_of opsB b_q (m_nparams m) th))).
      { apply (K (gconv_all _ _ _ _ b_q_ok)) with (bs := fun a => a).
        - unfold word_of. assert (N := Nth w Hw). clear -Fit N. induction w as [|k w IH]; cbn [map]; constructor; [apply Fit, N; now left|]. apply IH. intros; apply N; now right.
        - exact constant_R.
        - exact opsB_rel.
        - apply (point_rel _ _ _ _ _ _ _ opsB_rel). intros; apply b_q_ok.
        - reflexivity. }
      assert (KW := mrel_wrel encloses _ encloses _ _ opsB_rel _ _ K1). unfold row_encloses, ball_row. cbv zeta. clear -KW HC.
      induction cols as [|c cs IH]; cbn [map]; constructor; [|apply IH; intros x Hx; apply HC; now right].
      unfold pfield, rev, wfield. rewrite <- (word_ev (m_nparams m) _ _ R opsR _ _ opsR_ok (point_real (m_nparams m) th) c); [apply KW|]. apply Pos.leb_le, HC. now left. }
    clear -G. induction words as [|w words IH]; cbn [map]; constructor; [apply G; now left|]. apply IH. intros; apply G; now right.
Qed.
End Balls.
