(** * Bounds of the nodes of a program at a point that hold for all inputs

    What is used of it: a sign whose argument is nowhere positive (negative) at the point is −1 (1) at all inputs at which the argument is not 0
      ([fixed_signs_ok]). *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool FMapPositive.
From SimCert Require Import Poly Expr.
From SimCert Require Signs Slp Checks Named.
Import ListNotations.
Module PM := PositiveMap.
Local Open Scope R_scope.

(** ** Ranges; [None]: no bound *)
Definition range := (option Q * option Q)%type.
Definition within (v : R) (r : range) : Prop := (forall q, fst r = Some q -> Q2R q <= v) /\ (forall q, snd r = Some q -> v <= Q2R q).
Definition any : range := (None, None).
Definition point_range (q : Q) : range := (Some q, Some q).
Definition lift2 (f : Q -> Q -> Q) (a b : option Q) : option Q := match a, b with Some x, Some y => Some (f x y) | _, _ => None end.
Definition radd (r r' : range) : range := (lift2 qadd (fst r) (fst r'), lift2 qadd (snd r) (snd r')).
Definition rscale (c : Q) (r : range) : range :=
  if qzero c then point_range 0 else
  if (Qnum c <? 0)%Z then (option_map (qmul c) (snd r), option_map (qmul c) (fst r)) else (option_map (qmul c) (fst r), option_map (qmul c) (snd r)).
Definition qmin (a b : Q) : Q := if Qle_bool a b then a else b.
Definition qmax (a b : Q) : Q := if Qle_bool a b then b else a.
Definition hull (r r' : range) : range := (lift2 qmin (fst r) (fst r'), lift2 qmax (snd r) (snd r')).
Definition at_most_zero (r : range) : bool := match snd r with Some h => Qle_bool h 0 | None => false end.
Definition at_least_zero (r : range) : bool := match fst r with Some l => Qle_bool 0 l | None => false end.
(** a z + b |z| for z in the range *)
Definition rkink (a b : Q) (r : range) : range :=
  if at_most_zero r then rscale (qadd a (qopp b)) r
  else if at_least_zero r then rscale (qadd a b) r
  else hull (rscale (qadd a (qopp b)) (fst r, Some 0%Q)) (rscale (qadd a b) (Some 0%Q, snd r)).

Lemma within_any v : within v any.
Proof. split; discriminate. Qed.
Lemma within_point v q : v = Q2R q -> within v (point_range q).
Proof. intros ->. split; cbn; intros q' [= <-]; lra. Qed.
Lemma radd_ok v v' r r' : within v r -> within v' r' -> within (v + v') (radd r r').
Proof.
  intros [A B] [A' B']. split; cbn; intros q; [destruct (fst r) as [x|], (fst r') as [y|]|destruct (snd r) as [x|], (snd r') as [y|]]; try discriminate;
    intros [= <-]; rewrite qadd_ok; [specialize (A _ eq_refl); specialize (A' _ eq_refl)|specialize (B _ eq_refl); specialize (B' _ eq_refl)]; lra.
Qed.
Lemma rscale_ok c v r : within v r -> within (Q2R c * v) (rscale c r).
Proof.
  intros [A B]. unfold rscale. destruct (qzero c) eqn:Z; [apply within_point; rewrite (qzero_ok _ Z), Q2R_0; ring|].
  destruct (Qnum c <? 0)%Z eqn:N.
  - apply Signs.Q2R_negative in N. split; cbn; intros q; [destruct (snd r) as [x|]|destruct (fst r) as [x|]]; try discriminate; intros [= <-]; rewrite qmul_ok;
      apply Rmult_le_compat_neg_l; auto; lra.
  - apply Signs.Q2R_nonnegative in N. split; cbn; intros q; [destruct (fst r) as [x|]|destruct (snd r) as [x|]]; try discriminate; intros [= <-];
      rewrite qmul_ok;
      apply Rmult_le_compat_l; auto.
Qed.
Lemma qmin_ok a b : Q2R (qmin a b) <= Q2R a /\ Q2R (qmin a b) <= Q2R b.
Proof.
  unfold qmin. destruct (Qle_bool a b) eqn:E; [apply Qle_bool_iff, Qle_Rle in E; lra|].
  assert (b <= a)%Q as H; [|apply Qle_Rle in H; lra]. destruct (Qlt_le_dec a b) as [L|L]; [|exact L]. apply Qlt_le_weak, Qle_bool_iff in L. congruence.
Qed.
Lemma qmax_ok a b : Q2R a <= Q2R (qmax a b) /\ Q2R b <= Q2R (qmax a b).
Proof.
  unfold qmax. destruct (Qle_bool a b) eqn:E; [apply Qle_bool_iff, Qle_Rle in E; lra|].
  assert (b <= a)%Q as H; [|apply Qle_Rle in H; lra]. destruct (Qlt_le_dec a b) as [L|L]; [|exact L]. apply Qlt_le_weak, Qle_bool_iff in L. congruence.
Qed.
Lemma hull_ok v r r' : within v r \/ within v r' -> within v (hull r r').
Proof.
  intros H. split; cbn; intros q; [destruct (fst r) as [x|] eqn:E, (fst r') as [y|] eqn:E'|destruct (snd r) as [x|] eqn:E, (snd r') as [y|] eqn:E'];
    try discriminate; intros [= <-].
  - destruct (qmin_ok x y) as [M M']. destruct H as [[A _]|[A _]]; [specialize (A x E)|specialize (A y E')]; lra.
  - destruct (qmax_ok x y) as [M M']. destruct H as [[_ A]|[_ A]]; [specialize (A x E)|specialize (A y E')]; lra.
Qed.
Lemma at_most_zero_ok v r : within v r -> at_most_zero r = true -> v <= 0.
Proof. intros [_ B]. unfold at_most_zero. destruct (snd r) as [h|]; [|easy]. intros H. apply Qle_bool_iff, Qle_Rle in H. rewrite Q2R_0 in H.
  specialize (B h eq_refl). lra. Qed.
Lemma at_least_zero_ok v r : within v r -> at_least_zero r = true -> 0 <= v.
Proof. intros [A _]. unfold at_least_zero. destruct (fst r) as [h|]; [|easy]. intros H. apply Qle_bool_iff, Qle_Rle in H. rewrite Q2R_0 in H.
  specialize (A h eq_refl). lra. Qed.
Lemma rkink_ok a b z r : within z r -> within (Q2R a * z + Q2R b * Rabs z) (rkink a b r).
Proof.
  intros H.
  assert (Neg : forall r', z <= 0 -> within z r' -> within (Q2R a * z + Q2R b * Rabs z) (rscale (qadd a (qopp b)) r')).
  { intros r' L K. apply (rscale_ok (qadd a (qopp b))) in K. rewrite qadd_ok, qopp_ok in K. rewrite Rabs_left1 by exact L.
    replace (Q2R a * z + Q2R b * - z) with ((Q2R a + - Q2R b) * z) by ring. exact K. }
  assert (Pos : forall r', 0 <= z -> within z r' -> within (Q2R a * z + Q2R b * Rabs z) (rscale (qadd a b) r')).
  { intros r' L K. apply (rscale_ok (qadd a b)) in K. rewrite qadd_ok in K. rewrite Rabs_pos_eq by exact L.
    replace (Q2R a * z + Q2R b * z) with ((Q2R a + Q2R b) * z) by ring. exact K. }
  unfold rkink. destruct (at_most_zero r) eqn:E1; [apply Neg; [now apply (at_most_zero_ok z r)|exact H]|].
  destruct (at_least_zero r) eqn:E2; [apply Pos; [now apply (at_least_zero_ok z r)|exact H]|].
  apply hull_ok. destruct H as [A B]. destruct (Rle_dec z 0) as [L|L]; [left; apply Neg|right; apply Pos]; try lra;
    split; cbn; auto; intros q [= <-]; rewrite Q2R_0; lra.
Qed.

(** ** Nodes: a range; c z for a node z, c |z|, and the sign of a node *)
Record known := { k_range : range; k_line : option (positive * Q); k_abs : option (positive * Q); k_sign : option positive }.
Definition plain (r : range) : known := {| k_range := r; k_line := None; k_abs := None; k_sign := None |}.
Definition known_at (T : PM.t known) (n : positive) : known := match PM.find n T with Some k => k | None => plain any end.
Definition constant (k : known) : option Q := match k_range k with (Some l, Some h) => if qeqb l h then Some l else None | _ => None end.
Definition scaled (T : PM.t known) (c : Q) (b : positive) : known :=
  let B := known_at T b in
  {| k_range := rscale c (k_range B); k_line := Some (b, c); k_abs := match k_abs B with Some (z, d) => Some (z, qmul c d) | None => None end;
    k_sign := None |}.
Definition abs_of (T : PM.t known) (a : positive) : known :=
  {| k_range := (Some 0%Q, None); k_line := None; k_abs := Some (a, 1%Q); k_sign := None |}.
Definition known_mul (T : PM.t known) (a b : positive) : known :=
  match k_sign (known_at T b), constant (known_at T a), constant (known_at T b) with
  | Some z, _, _ => if Pos.eqb z a then abs_of T a else plain any
  | _, Some c, _ => scaled T c b
  | _, _, Some c => scaled T c a
  | _, _, _ => plain any
  end.
Definition known_sum (T : PM.t known) (l : list positive) : known :=
  let generic := plain (fold_right (fun a r => radd (k_range (known_at T a)) r) (point_range 0) l) in
  match l with
  | [u; v] =>
    match k_line (known_at T u), k_abs (known_at T v) with
    | Some (z, a), Some (z', b) => if Pos.eqb z z' then plain (rkink a b (k_range (known_at T z))) else generic
    | _, _ => generic
    end
  | _ => generic
  end.
Definition known_node (th : Checks.qvec) (T : PM.t known) (n : Slp.node) : known :=
  match n with
  | Slp.NCst q => plain (point_range q)
  | Slp.NTh i => plain (point_range (match Checks.assoc i th with Some q => q | None => 0%Q end))
  | Slp.NX _ => plain any
  | Slp.NSum l => known_sum T l
  | Slp.NMul a b => known_mul T a b
  | Slp.NAct _ a => {| k_range := any; k_line := None; k_abs := None; k_sign := Some a |}
  end.
(** the signs that are known, beside what is known of all nodes *)
Fixpoint fixed_signs (th : Checks.qvec) (T : PM.t known) (next : positive) (p : Slp.prog) (G : PM.t Q) : PM.t Q :=
  match p with
  | [] => G
  | n :: p' =>
    let G' := match n with
      | Slp.NAct _ a =>
        let r := k_range (known_at T a) in
        if at_most_zero r then PM.add next (Qmake (-1) 1) G else if at_least_zero r then PM.add next 1%Q G else G
      | _ => G end in
    fixed_signs th (PM.add next (known_node th T n) T) (Pos.succ next) p' G'
  end.

Section Sound.
Variables (s : positive -> bool -> R -> R) (P : Slp.prog) (th : Checks.qvec) (x : vec).
Let E := Slp.unroll P.
Let value n := evalE s (Checks.qv th) x (E n).
Hypothesis W : Slp.wf_from 1 P = true.
Hypothesis Hsgn : forall k a, In (Slp.NAct k a) P -> forall t, s k false t = Signs.sgn t.
Definition known_ok (n : positive) (k : known) : Prop :=
  within (value n) (k_range k) /\ (forall z c, k_line k = Some (z, c) -> value n = Q2R c * value z) /\
  (forall z c, k_abs k = Some (z, c) -> value n = Q2R c * Rabs (value z)) /\ (forall z, k_sign k = Some z -> value n = Signs.sgn (value z)).
Lemma plain_ok n r : within (value n) r -> known_ok n (plain r).
Proof. intros H. split; [exact H|]. repeat split; discriminate. Qed.
Definition table_ok (T : PM.t known) : Prop := forall n, known_ok n (known_at T n).
Lemma constant_ok n k c : known_ok n k -> constant k = Some c -> value n = Q2R c.
Proof.
  intros [[A B] _]. unfold constant. destruct (k_range k) as [[l|] [h|]]; try easy. destruct (qeqb l h) eqn:Q; [|easy]. intros [= <-]. apply qeqb_ok in Q.
  specialize (A l eq_refl). specialize (B h eq_refl). lra.
Qed.
Lemma scaled_ok T c b n : table_ok T -> value n = Q2R c * value b -> known_ok n (scaled T c b).
Proof.
  intros HT Hn. destruct (HT b) as (A & _ & B & _). unfold scaled. split; [|split; [|split; [|discriminate]]]; cbn [k_range k_line k_abs].
  - rewrite Hn. now apply rscale_ok.
  - now intros z d [= <- <-].
  - destruct (k_abs (known_at T b)) as [[z d]|]; [|discriminate]. intros z' d' [= <- <-]. rewrite Hn, (B z d eq_refl), qmul_ok. ring.
Qed.
Lemma known_node_ok T n nd : table_ok T -> In nd P -> E n = Slp.expr_of E nd -> known_ok n (known_node th T nd).
Proof.
  intros HT Hin Hn. assert (V : value n = evalE s (Checks.qv th) x (Slp.expr_of E nd)) by (unfold value; now rewrite Hn).
  destruct nd as [q|i|j|l|a b|k a]; cbn [known_node Slp.expr_of evalE] in *.
  - apply plain_ok. now apply within_point.
  - apply plain_ok, within_point. rewrite V. unfold Checks.qv. destruct (Checks.assoc i th); [reflexivity|symmetry; apply Q2R_0].
  - apply plain_ok, within_any.
  - assert (G : within (value n) (fold_right (fun a r => radd (k_range (known_at T a)) r) (point_range 0) l)).
    { rewrite V. clear -HT. induction l as [|a l IH]; cbn [fold_right evalE]; [now apply within_point|]. apply radd_ok; [apply HT|exact IH]. }
    apply plain_ok in G. unfold known_sum. cbv zeta. destruct l as [|u [|v [|]]]; try exact G.
    destruct (k_line (known_at T u)) as [[z a]|] eqn:Eu; [|exact G]. destruct (k_abs (known_at T v)) as [[z' b]|] eqn:Ev; [|exact G].
    destruct (Pos.eqb_spec z z') as [<-|_]; [|exact G]. apply plain_ok. cbn [fold_right evalE] in V.
    destruct (HT u) as (_ & U & _). destruct (HT v) as (_ & _ & B & _). specialize (U z a Eu). specialize (B z b Ev). unfold value in U, B at 1.
    rewrite V, U, B, Q2R_0, Rplus_0_r.
    apply rkink_ok. apply HT.
  - unfold known_mul. destruct (k_sign (known_at T b)) as [z|] eqn:Es.
    + destruct (Pos.eqb_spec z a) as [->|_]; [|apply plain_ok, within_any]. destruct (HT b) as (_ & _ & _ & B). specialize (B a Es).
      assert (X : value n = Rabs (value a)) by (rewrite V; unfold value in B |- *; rewrite B; apply Named.sgn_abs).
      split; [|split; [discriminate|split; [|discriminate]]]; cbn [abs_of k_range k_abs].
      * rewrite X. split; cbn; [intros q [= <-]; rewrite Q2R_0; apply Rabs_pos|discriminate].
      * intros z c [= <- <-]. rewrite X, Q2R_1. ring.
    + destruct (constant (known_at T a)) as [c|] eqn:Ca; [apply scaled_ok; [exact HT|]; rewrite <- (constant_ok a _ c (HT a) Ca); exact V|].
      destruct (constant (known_at T b)) as [c|] eqn:Cb; [|apply plain_ok, within_any]. apply scaled_ok; [exact HT|].
      rewrite <- (constant_ok b _ c (HT b) Cb), Rmult_comm. exact V.
  - split; [apply within_any|]. split; [discriminate|]. split; [discriminate|]. cbn. intros z [= <-]. rewrite V. exact (Hsgn k a Hin _).
Qed.
Lemma empty_ok : table_ok (PM.empty _).
Proof. intros n. unfold known_at. rewrite PM.gempty. apply plain_ok, within_any. Qed.
(** every known sign is right at this input, if its argument is not 0 *)
Definition signs_ok (G : PM.t Q) : Prop := forall n q k e, PM.find n G = Some q -> E n = EAct k e ->
  let v := evalE s (Checks.qv th) x e in v <> 0 -> Q2R q = Signs.sgn v.
Lemma fixed_signs_ok_from p : forall next T G, Slp.covers E next p -> incl p P -> table_ok T -> signs_ok G -> signs_ok (fixed_signs th T next p G).
Proof.
  induction p as [|nd p IH]; intros next T G C I HT HG; cbn [fixed_signs Slp.covers] in *; [exact HG|]. destruct C as [C1 C2].
  apply IH; [exact C2|intros a Ha; apply I; now right| |].
  - intros n. unfold known_at. destruct (Pos.eq_dec n next) as [->|D]; [rewrite PM.gss|rewrite PM.gso by exact D; apply HT].
    apply known_node_ok; [exact HT|apply I; now left|exact C1].
  - destruct nd as [q|i|j|l|a b|k a]; try exact HG. cbv zeta. cbn [Slp.expr_of] in C1.
    assert (New : forall q, (evalE s (Checks.qv th) x (E a) <> 0 -> Q2R q = Signs.sgn (evalE s (Checks.qv th) x (E a))) -> signs_ok (PM.add next q G)).
    { intros q Hq n q' k' e. destruct (Pos.eq_dec n next) as [->|D]; [|rewrite PM.gso by exact D; apply HG]. rewrite PM.gss. intros [= <-]. rewrite C1.
      intros [= <- <-]. exact Hq. }
    destruct (HT a) as (R0 & _). unfold value in R0. destruct (at_most_zero _) eqn:E1.
    + apply New. intros N. apply (at_most_zero_ok _ _ R0) in E1. unfold Signs.sgn. destruct (Rlt_dec 0 _); [lra|].
      destruct (Rlt_dec _ 0); [unfold Q2R; simpl; lra|lra].
    + destruct (at_least_zero _) eqn:E2; [|exact HG]. apply New. intros N. apply (at_least_zero_ok _ _ R0) in E2. unfold Signs.sgn.
      destruct (Rlt_dec 0 _); [unfold Q2R; simpl; lra|lra].
Qed.
Theorem fixed_signs_ok : signs_ok (fixed_signs th (PM.empty _) 1 P (PM.empty _)).
Proof.
  apply fixed_signs_ok_from; [apply Slp.covers_unroll, W|apply incl_refl|apply empty_ok|]. intros n q k e H. rewrite PM.gempty in H. discriminate H.
Qed.
End Sound.
