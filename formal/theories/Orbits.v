(** * Claims about orbit dimensions and conservation laws, and their proofs as data

    [check_dimension_sound]: bounds for the dimension of { V(u) : V in Lie(V) } at a rational point; the number exists and lies between them,
    and is known where they meet.
    [check_laws_sound]: laws are conserved for all admissible activations, their gradients are independent at a point; and where a lower bound
    meets M − rank, the dimension is M − rank at all points near it.
    Activations: lower bounds are for the polynomials exhibited and the named functions themselves, upper bounds by laws and subspaces for all admissible activations. *)
From Coq Require Import List ZArith QArith Reals Lia Lra Bool.
From SimCert Require Intervals.
From SimCert Require Import Poly Linear Expr Slp Checks Flow Lie Orbit Words Gradient Dimension ModP Residues Numbers Curve Upper Parallel Near Pullback Balls.
Import ListNotations.
Local Open Scope R_scope.

Inductive lower_proof :=
| LNone
| LWords (p : Z) (b : option bases) (fields : list qfield) (words : list (list nat)) (cols : list positive) (det : Z)
| LTransport (p : Z) (b : option bases) (fields : list qfield) (ctl : control) (curve : list (list Z)) (words : list (list nat))
| LPullback (p : Z) (b : option bases) (fields : list qfield) (ctl : control) (curve : list (list Z)) (adjoint : list (list (list Z))) (cols : list positive)
    (vectors : list (nat * nat)) (det : Z)
| LBalls (digits : positive) (fields : list qfield) (words : list (list nat)) (cols : list positive).
Inductive upper_proof :=
| UFull
| ULaws (p : Z) (L : list arow) (laws : list poly) (chosen : list nat) (cols : list positive) (det : Z)
| UParallel (p : Z) (b : option bases) (F : qfield) (j : positive).

(** with few digits first *)
Fixpoint some_digits (f : positive -> bool) (l : list positive) : bool := match l with [] => false | n :: l' => if f n then true else some_digits f l' end.
Lemma some_digits_ok f l : some_digits f l = true -> exists n, f n = true.
Proof. induction l as [|n l IH]; cbn; [easy|]. destruct (f n) eqn:E; [now exists n|exact IH]. Qed.
Definition lower_of (m : model) (mem : member) (th : qvec) (l : lower_proof) : option nat :=
  match l with
  | LNone => Some 0%nat
  | LWords p b fields words cols det => if system_ok p b && check_words m mem p (base_residue p b) th fields words cols det then Some (length words) else None
  | LTransport p b fields ctl curve words => if system_ok p b then transport_rank m mem p (base_residue p b) th fields ctl curve words else None
  | LPullback p b fields ctl curve adjoint cols vectors det =>
    if system_ok p b then
      match pullback_rank m mem p (base_residue p b) th fields ctl curve adjoint cols vectors with
      | Some (r, d) => if Z.eqb d det && Nat.eqb r (length cols) then Some r else None
      | None => None
      end
    else None
  | LBalls digits fields words cols =>
    if some_digits (fun n => check_balls (rd := Intervals.to_bits n) m mem th fields words cols) [160; 320; digits]%positive then Some (length words) else None
  end.
(** the laws whose gradients are counted, by increasing number *)
Fixpoint increasing (l : list nat) : bool := match l with a :: (b :: _) as t => Nat.ltb a b && increasing t | _ => true end.
Definition pick (laws : list poly) (chosen : list nat) : list poly := map (fun k => nth k laws []) chosen.
Definition picks_ok (laws : list poly) (chosen : list nat) : bool := increasing chosen && forallb (fun k => Nat.ltb k (length laws)) chosen.
Definition upper_of (m : model) (mem : member) (th : qvec) (l : upper_proof) : option nat :=
  match l with
  | UFull => Some (Pos.to_nat (m_nparams m))
  | ULaws p L laws chosen cols det =>
    if check_tangent m L && forallb (check_law_on m L) laws && picks_ok laws chosen
       && match upper_det m L (pick laws chosen) th p cols with Some d => Z.eqb d det | None => false end
    then Some (upper_value m L (pick laws chosen)) else None
  | UParallel p b F j => if check_parallel m mem p b th F j then Some 1%nat else None
  end.

Lemma pick_in laws chosen h : picks_ok laws chosen = true -> In h (pick laws chosen) -> In h laws.
Proof.
  intros H I. apply andb_prop in H as [_ H]. unfold pick in I. apply in_map_iff in I as (k & <- & Hk). rewrite forallb_forall in H.
  apply nth_In. now apply Nat.ltb_lt, H.
Qed.
Theorem lower_of_sound m mem th l r : lower_of m mem th l = Some r ->
  forall s, act_derivable s -> poly_acts s mem -> lie_ge m s (qv th) r.
Proof.
  destruct l as [|p b fields words cols det|p b fields ctl curve words|p b fields ctl curve adjoint cols vectors det|n fields words cols]; cbn [lower_of]; intros H s Hd Hm.
  - injection H as <-. apply lie_ge_0.
  - destruct (system_ok p b) eqn:B; cbn [andb] in H; [|easy]. destruct (base_residue_ok p b B) as (RS & Hbv).
    destruct (check_words m mem p (base_residue p b) th fields words cols det) eqn:E; [|easy]. injection H as <-.
    now apply (check_words_sound m mem p (base_residue p b) RS Hbv _ _ _ _ _ E).
  - destruct (system_ok p b) eqn:B; [|easy]. destruct (base_residue_ok p b B) as (RS & Hbv).
    now apply (transport_rank_sound m mem p (base_residue p b) th fields ctl curve words RS Hbv r H).
  - destruct (system_ok p b) eqn:B; [|easy]. destruct (base_residue_ok p b B) as (RS & Hbv).
    destruct (pullback_rank _ _ _ _ _ _ _ _ _ _ _) as [[r' d]|] eqn:E; [|easy]. destruct (Z.eqb d det && Nat.eqb r' (length cols)); [|easy].
    injection H as <-. now apply (pullback_rank_sound m mem p (base_residue p b) th fields ctl curve RS Hbv adjoint cols vectors r' d E).
  - destruct (some_digits _ _) eqn:E; [|easy]. injection H as <-. apply some_digits_ok in E as (digits & E). now apply (check_balls_sound m mem th fields words cols E).
Qed.
Theorem upper_of_sound m mem th l r : upper_of m mem th l = Some r ->
  forall s, acts_adm m s -> (forall p b F j, l = UParallel p b F j -> poly_acts s mem) -> lie_le m s (qv th) r.
Proof.
  destruct l as [|p L laws chosen cols det|p b F j]; cbn [upper_of]; intros H s Ha Hm.
  - injection H as <-. apply lie_le_full.
  - destruct (check_tangent m L && forallb (check_law_on m L) laws && picks_ok laws chosen
       && match upper_det m L (pick laws chosen) th p cols with Some d => Z.eqb d det | None => false end) eqn:E; [|easy]. injection H as <-.
    apply andb_prop in E as [[[H1 H2]%andb_prop H3]%andb_prop H4]. rewrite forallb_forall in H2.
    destruct (upper_det m L (pick laws chosen) th p cols) as [d|] eqn:Ed; [|easy].
    apply (upper_det_sound m L _ th p cols d Ed); [now apply check_tangent_sound|].
    intros h Hh. apply check_law_on_sound; [|exact Ha]. apply H2. now apply (pick_in laws chosen).
  - destruct (check_parallel m mem p b th F j) eqn:E; [|easy]. injection H as <-. apply (check_parallel_sound m mem p b th F j E s Ha). now apply (Hm p b F j).
Qed.

(** ** orbit-dimension: the dimension is between the two numbers of the claim *)
Definition check_dimension (m : model) (mem : member) (th : qvec) (low up : nat) (l : lower_proof) (v : upper_proof) : bool :=
  match lower_of m mem th l, upper_of m mem th v with Some a, Some b => Nat.eqb a low && Nat.eqb b up | _, _ => false end.
Definition claim_dimension (m : model) (mem : member) (th : qvec) (low up : nat) : Prop :=
  forall s, acts_adm m s -> poly_acts s mem -> exists d, lie_dim m s (qv th) d /\ (low <= d <= up)%nat.
Theorem check_dimension_sound m mem th low up l v : check_dimension m mem th low up l v = true -> claim_dimension m mem th low up.
Proof.
  unfold check_dimension. intros H s Ha Hm.
  destruct (lower_of m mem th l) as [a|] eqn:El; [|easy]. destruct (upper_of m mem th v) as [b|] eqn:Eu; [|easy].
  apply andb_prop in H as [->%Nat.eqb_eq ->%Nat.eqb_eq].
  assert (A := lower_of_sound m mem th l low El s (proj1 Ha) Hm). assert (B := upper_of_sound m mem th v up Eu s Ha (fun _ _ _ _ _ => Hm)).
  destruct (lie_dim_exists m s (qv th)) as (d & [Dg Dl] & _). exists d. split; [split; assumption|].
  split; [apply (lie_ge_le m s (qv th) low d A Dl)|apply (lie_ge_le m s (qv th) d up Dg B)].
Qed.
Corollary dimension_exact m mem th r l v : check_dimension m mem th r r l v = true ->
  forall s, acts_adm m s -> poly_acts s mem -> lie_dim m s (qv th) r.
Proof. intros H s Ha Hm. destruct (check_dimension_sound m mem th r r l v H s Ha Hm) as (d & D & L). now replace r with d by lia. Qed.

(** ** conservation-laws: [generic] is None where the claim says nothing about the generic dimension *)
Definition check_laws (m : model) (mem : member) (th : qvec) (laws : list poly) (chosen : list nat) (p : Z) (cols : list positive) (det : Z)
    (rank : nat) (generic : option nat) (l : lower_proof) : bool :=
  wf_model m && forallb (check_law_on m []) laws && picks_ok laws chosen && Nat.eqb (length chosen) rank
  && match upper_det m [] (pick laws chosen) th p cols with Some d => Z.eqb d det | None => false end
  && match generic, lower_of m mem th l with
     | None, _ => true
     | Some g, Some a => Nat.leb g a && Nat.eqb (g + rank) (Pos.to_nat (m_nparams m)) && forallb (has_member mem) (m_prog m)
     | _, None => false
     end.
Definition claim_laws (m : model) (mem : member) (th : qvec) (laws : list poly) (rank : nat) (generic : option nat) : Prop :=
  (forall h s, In h laws -> acts_adm m s -> conserved_on m s [] h) /\
  (exists ls, length ls = rank /\ incl ls laws /\ Rlindep (plist (m_nparams m)) (map (fun h => dh h (qv th)) ls)) /\
  (forall g, generic = Some g -> (g + rank = Pos.to_nat (m_nparams m))%nat /\
     forall s, acts_adm m s -> poly_acts s mem -> near (qv th) (fun u => lie_dim m s u g)).

Lemma laws_lindep m laws th p cols d : upper_det m [] laws th p cols = Some d -> Rlindep (plist (m_nparams m)) (map (fun h => dh h (qv th)) laws).
Proof.
  unfold upper_det. cbv zeta. intros H.
  match type of H with (if ?b then _ else _) = _ => destruct b eqn:E; [|easy] end.
  apply andb_prop in E as [[[[Hp _]%andb_prop _]%andb_prop HC]%andb_prop HG]. apply Z.ltb_lt in Hp. rewrite forallb_forall in HC. cbn [map app] in *.
  destruct (elim p _ _ _) as [l|] eqn:El; [|easy]. clear H d.
  apply (lindep_incl R 0 Rplus Rmult cols); [intros i Hi; apply plist_in; now apply Pos.leb_le, HC|].
  apply (elim_sound p (rational_residues p Hp)) with (2 := El). unfold normals_good in HG. cbn [forallb andb] in HG. unfold normal_rows. cbn [map app].
  clear El. induction laws as [|h laws IH]; cbn [map forallb] in *; [constructor|]. apply andb_prop in HG as [A B]. constructor; [|now apply IH].
  clear IH B HC. unfold relrow. induction cols as [|i l' IHl]; cbn [map forallb] in *; [constructor|]. apply andb_prop in A as [A1 A2].
  constructor; [|now apply IHl]. rewrite dh_ok, <- pevalQ_ok. now apply qmod_ok.
Qed.
Lemma poly_polynomial q : polynomial (fun u => peval u q).
Proof.
  assert (X : forall v n, polynomial (fun u : vec => u v ^ n)).
  { intros v n. induction n as [|n IH]; cbn; [apply poly_const|]. apply poly_mult; [exists (PV v); reflexivity|exact IH]. }
  induction q as [|[mo c] q IH]; cbn [peval]; [apply poly_const|]. apply poly_plus; [|exact IH]. apply poly_mult; [apply poly_const|].
  induction mo as [|[v e] mo IHm]; cbn [meval]; [apply poly_const|]. now apply poly_mult.
Qed.
Theorem check_laws_sound m mem th laws chosen p cols det rank generic l :
  check_laws m mem th laws chosen p cols det rank generic l = true -> claim_laws m mem th laws rank generic.
Proof.
  unfold check_laws. intros H. apply andb_prop in H as [[[[[W HL]%andb_prop HP]%andb_prop HR]%andb_prop HD]%andb_prop HG].
  apply Nat.eqb_eq in HR. rewrite forallb_forall in HL.
  destruct (upper_det m [] (pick laws chosen) th p cols) as [d|] eqn:Ed; [|easy]. assert (HI := laws_lindep m _ th p cols d Ed).
  assert (HC : forall h s, In h laws -> acts_adm m s -> conserved_on m s [] h) by (intros h s Hh Ha; now apply check_law_on_sound; [apply HL|]).
  assert (Lp : length (pick laws chosen) = rank) by (unfold pick; now rewrite map_length).
  split; [exact HC|]. split.
  - exists (pick laws chosen). split; [exact Lp|]. split; [|exact HI]. intros h Hh. now apply (pick_in laws chosen).
  - intros g ->. destruct (lower_of m mem th l) as [a|] eqn:El; [|easy]. apply andb_prop in HG as [[H1%Nat.leb_le H2%Nat.eqb_eq]%andb_prop HM].
    split; [exact H2|]. intros s Ha Hm.
    assert (A := lie_ge_down m s (qv th) a g (lower_of_sound m mem th l a El s (proj1 Ha) Hm) H1).
    assert (N1 := lie_ge_near m s mem (proj1 Ha) Hm W HM (qv th) g A).
    assert (N2 : near (qv th) (fun u => Rlindep (plist (m_nparams m)) (map (fun f : vec -> vec => f u) (map (fun h u => dh h u) (pick laws chosen))))).
    { apply lindep_near; [|now rewrite map_map]. intros f i Hf _. apply in_map_iff in Hf as (h & <- & _).
      destruct (poly_polynomial (pderiv i h)) as (q & Hq). apply (cont_ext (qv th) (fun u => rev u q)); [|apply cont_rev].
      intros u. now rewrite <- Hq, dh_ok. }
    destruct N1 as (e1 & P1 & N1). destruct N2 as (e2 & P2 & N2). exists (Rmin e1 e2). split; [now apply Rmin_pos|]. intros u Hu.
    split; [apply N1; intros i; specialize (Hu i); assert (X := Rmin_l e1 e2); lra|].
    assert (I : Rlindep (plist (m_nparams m)) (map (fun h => dh h u) (pick laws chosen))).
    { assert (Y := N2 u (fun i => Rlt_le_trans _ _ _ (Hu i) (Rmin_r e1 e2))). now rewrite map_map in Y. }
    replace g with (Pos.to_nat (m_nparams m) - length (map (fun h => dh h u) (pick laws chosen)))%nat.
    + apply normals_le; [exact I|]. intros V n HV Hn. apply in_map_iff in Hn as (h & <- & Hh).
      apply (law_lie m s [] (fun c (Hc : In c []) => match Hc with end) (fun u' _ x o c _ Hc => match Hc with end) h); auto.
      * apply HC; [now apply (pick_in laws chosen)|exact Ha].
      * intros c [].
    + rewrite map_length, Lp. lia.
Qed.
